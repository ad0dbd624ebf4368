"""The WSGI application, for any server; it keeps the record's checkpoints while it runs.

`mappa-trace serve` needs none of this, in one process or several (docs/operate.md, "Serving"). Another server has to
take URLs of 8 KiB, hold slow clients off the threads, and answer what it was sent before it stops; how those that were
measured do, docs/decisions/0014-servers.md says.
"""

import atexit
import os
from contextlib import ExitStack

from api.checkpoints import checkpoints_kept
from api.logs import log_to_stderr
from api.settings import BadSetting, settings_from
from explorer.app import create_app

_settings = settings_from(os.environ)
if _settings.development_keys:
    raise BadSetting(
        "DEVELOPMENT_KEY lets its holder do everything: it goes with `mappa-trace serve` on this machine alone"
    )
log_to_stderr(_settings.log_format)
application = create_app(_settings)
_running = ExitStack()
_running.enter_context(checkpoints_kept(application.extensions["mappa"].database, _settings))
atexit.register(_running.close)
