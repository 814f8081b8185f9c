"""Reads what a form sends, as text or with files."""

from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl


@dataclass
class Upload:
    """A file, and the name that it has at the client."""

    name: str
    content: bytes


def parse(content_type, body):
    """The fields of a form by name, the last one of a name; files as `Upload`, files that were not chosen left out.

    Raises ValueError where the body is no form.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100))
    if kind != "multipart/form-data":
        raise ValueError(f"its type is {kind or 'not said'}")
    if "\n" in content_type or "\r" in content_type:
        raise ValueError("its type holds a line break")
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    if not message.is_multipart():
        raise ValueError("it has no parts")
    fields = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="Content-Disposition")
        if name is None:
            raise ValueError("a part has no name")
        content = part.get_payload(decode=True) or b""
        file_name = part.get_filename()
        if file_name is None:
            fields[name] = content.decode()
        elif file_name or content:
            fields[name] = Upload(file_name, content)
    return fields
