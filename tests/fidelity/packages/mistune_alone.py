"""Another Markdown."""

import mistune

print(mistune.html("# A\n\n- x\n- y\n\n<b>raw</b> `code`\n"))
