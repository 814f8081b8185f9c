"""Text and bytes on the standard streams."""

import sys
import unicodedata

text = "Grüße, 世界 🎉"
assert sys.stdout.encoding.lower() == "utf-8" and sys.getfilesystemencoding() == "utf-8"
assert unicodedata.normalize("NFC", "u\u0308") == "ü"
print(text, text.encode("unicode_escape").decode())
sys.stdout.flush()
sys.stdout.buffer.write(bytes(range(256)))
print("Größe", file=sys.stderr)
