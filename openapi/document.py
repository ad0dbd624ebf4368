"""Making the OpenAPI 3.1.1 document from operations."""

from collections.abc import Iterable
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema, fields

from openapi.operation import Content, Operation

VERSION = "3.1.1"
_CREATED, _NO_CONTENT = 201, 204
_STRUCTURED = ("application/json", "application/ld+json", "application/yaml")
_ABOUT = (
    "What evidence stands behind each of the ten recommendations of the Joint Thematic Review of MAPPA in Scotland "
    "(2015), what has been done about them, who says so, and what is missing. Every answer is sourced and dated; what "
    "is inferred or unknown is shown as such."
)
# What the parameters of a path are.
_PATH = {
    "ref": "The reference, as lists and links give it.",
    "name": "The last part of a problem's `type`.",
    "seq": "The number of a change.",
    "start": "The point of the record to compare from: a baseline, a change's number, a moment, a day, or `now`.",
    "end": "The point of the record to compare with.",
}
# What a problem of this status is called, and means, here; the problem itself says more.
_PROBLEMS = {
    400: ("Unreadable", "The URL is not readable text, or the body not JSON."),
    401: ("Unauthorized", "Who is calling is not known."),
    403: ("Forbidden", "The caller may see it, and may not do this."),
    404: ("NotFound", "There is no such thing, or not for this reader."),
    406: ("NotAcceptable", "There is no such format; the problem lists those that exist."),
    409: ("Conflict", "It contradicts what is there; the problem names it."),
    412: ("PreconditionFailed", "What is there is not what If-Match says that the caller has seen."),
    413: ("ContentTooLarge", "The body has more than 1 MiB."),
    414: ("TooLong", "The URL is longer than 8 KiB."),
    415: ("UnsupportedMediaType", "The body is of another type than the operation takes, or compressed."),
    422: (
        "Unprocessable",
        "A parameter or field is unknown or wrong; the problem says which, and what would be right.",
    ),
    428: ("PreconditionRequired", "If-Match is missing."),
    429: ("TooManyRequests", "Too many keys or tokens that are not known came from this address."),
    503: ("Unavailable", "The service cannot answer now."),
}


def _name(schema: type[Schema] | Schema) -> str:
    """A schema's name in the document: without its suffix."""
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.removesuffix("Schema")


def _one_of(spec: APISpec) -> Any:
    """A rule for fields that hold one of several schemas, told apart by a property."""

    def rule(_converter: Any, field: fields.Field[Any], **_options: Any) -> dict[str, Any]:
        schemas = field.metadata.get("one_of")
        if not schemas:
            return {}
        refs = {}
        for word, schema in schemas.items():
            if _name(schema) not in spec.components.schemas:
                spec.components.schema(_name(schema), schema=schema)
            refs[word] = f"#/components/schemas/{_name(schema)}"
        return {
            "type": "object",
            "oneOf": [{"$ref": ref} for ref in refs.values()],
            "discriminator": {"propertyName": field.metadata["discriminator"], "mapping": refs},
        }

    return rule


def _content(content: Content) -> dict[str, Any]:
    """One media type of an answer."""
    plain = {"type": "object" if content.media_type in _STRUCTURED else "string"}
    described: dict[str, Any] = {"schema": content.schema or plain}
    if content.example is not None:
        described["example"] = content.example
    return described


def _responses(operation: Operation) -> dict[str, Any]:
    """Every answer that an operation can give."""
    headers: dict[str, Any] = {}
    if operation.conditional:
        headers = {"ETag": {"description": "The answer's fingerprint.", "schema": {"type": "string"}}}
    about = "How the answer is to be handled; only where it is not for everybody."
    headers["Handling"] = {"description": about, "schema": {"type": "string"}}
    if operation.writes:
        about = "Where a text may be personal data though it was taken: field, type, start and end."
        headers["Personal-Data-Warning"] = {"description": about, "schema": {"type": "string"}}
    if operation.status == _CREATED:
        headers["Location"] = {"description": "Where what was made is.", "schema": {"type": "string"}}
    contents = {content.media_type.partition(";")[0]: _content(content) for content in operation.contents}
    answers: dict[str, Any] = {
        str(operation.status): {
            "description": "It is done." if operation.status == _NO_CONTENT else "The answer.",
            **({"content": contents} if operation.status != _NO_CONTENT else {}),
            **({"headers": headers} if headers else {}),
        }
    }
    if operation.conditional and operation.method == "get":
        answers["304"] = {"description": "Nothing has changed since the answer with this ETag."}
    for status in sorted(operation.problems):
        answers[str(status)] = {"$ref": f"#/components/responses/{_PROBLEMS[status][0]}"}
    answers["default"] = {"$ref": "#/components/responses/Problem"}
    return answers


def _example(example: str) -> dict[str, str]:
    """The example of a parameter, where there is one."""
    return {"example": example} if example else {}


def _converter(plugin: MarshmallowPlugin) -> OpenAPIConverter:
    """The plugin's converter, which it has once it belongs to a document."""
    if plugin.converter is None:
        raise TypeError("The plugin has to be given to a document first.")
    return plugin.converter


def _parameters(plugin: MarshmallowPlugin, operation: Operation) -> list[dict[str, Any]]:
    """What an operation takes in its path and query."""
    path: list[dict[str, Any]] = [
        {
            "in": "path",
            "name": name,
            "required": True,
            "description": _PATH[name],
            "schema": {"type": "string", "minLength": 1},
            **_example(example),
        }
        for name, example in operation.path_parameters.items()
    ]
    query: list[dict[str, Any]] = _converter(plugin).schema2parameters(operation.query, location="query")
    for parameter in query:
        if parameter["name"] == "format":
            parameter["schema"] = {"type": "string", "enum": list(operation.formats)}
    return path + query + _headers(operation)


def _headers(operation: Operation) -> list[dict[str, Any]]:
    """What a write takes in its headers."""
    found: list[tuple[str, str, bool, dict[str, Any]]] = []
    if operation.matches:
        about = "The ETag of what the caller has seen of the thing, or several, or `*`."
        found.append(("If-Match", about, True, {"minLength": 1}))
    if operation.writes:
        about = "A name for this request: sent again under it, it is not done again, and answered as the first time."
        found.append(("Idempotency-Key", about, False, {"minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}))
    return [
        {
            "in": "header",
            "name": name,
            "required": required,
            "description": about,
            "schema": {"type": "string", **limits},
        }
        for name, about, required, limits in found
    ]


def _body(operation: Operation) -> dict[str, Any]:
    """What an operation takes as its body."""
    if operation.body is None:
        return {}
    return {"requestBody": {"required": True, "content": {operation.body.media_type: _content(operation.body)}}}


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    """Who may call: whoever has these permissions by a key or a token; where it is open, also nobody in particular."""
    known: list[dict[str, list[str]]] = [{name: list(operation.scopes)} for name in ("key", "token")]
    return [{}, *known] if operation.open else known


def _problem_component(description: str, problem: Schema) -> dict[str, Any]:
    """The answer for a problem of one status."""
    return {"description": description, "content": {"application/problem+json": {"schema": problem}}}


def document_of(operations: Iterable[Operation], version: str, problem: Schema) -> dict[str, Any]:
    """The whole document, as plain values in a fixed order."""
    plugin = MarshmallowPlugin(schema_name_resolver=_name)
    spec = APISpec(
        title="MAPPA recommendations-to-evidence traceability",
        version=version,
        openapi_version=VERSION,
        plugins=[plugin],
        info={"description": _ABOUT},
        servers=[{"url": "/", "description": "This server."}],
    )
    converter = _converter(plugin)
    converter.add_attribute_function(_one_of(spec))  # type: ignore[no-untyped-call]  # apispec has no hint here
    for name, description in (*_PROBLEMS.values(), ("Problem", "Any other problem.")):
        spec.components.response(name, _problem_component(description, problem))
    spec.components.security_scheme(
        "key", {"type": "http", "scheme": "bearer", "description": "A key of `/keys`, or of the operator's command."}
    )
    spec.components.security_scheme(
        "token",
        {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A token of the identity provider, whose subject has an account.",
        },
    )
    for operation in operations:
        spec.path(
            path=operation.path,
            operations={
                operation.method: {
                    "operationId": operation.name,
                    "tags": [operation.tag],
                    "summary": operation.summary,
                    **({"description": operation.description} if operation.description else {}),
                    "security": _security(operation),
                    "parameters": _parameters(plugin, operation),
                    **_body(operation),
                    "responses": _responses(operation),
                }
            },
        )
    return spec.to_dict()
