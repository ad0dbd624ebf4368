"""The WSGI application, for any server."""

import os

from api.app import create_app
from api.settings import settings_from

application = create_app(settings_from(os.environ))
