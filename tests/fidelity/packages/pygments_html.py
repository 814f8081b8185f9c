"""Highlights, and finds a lexer by its name."""

from pygments import highlight
from pygments.formatters import HtmlFormatter, TerminalFormatter
from pygments.lexers import get_lexer_by_name, guess_lexer_for_filename

source = "def f(x):\n    return [f'{x!r}', 1]  # why\n"
print(highlight(source, get_lexer_by_name("python"), HtmlFormatter(linenos=True)))
print(highlight("{}", guess_lexer_for_filename("a.json", "{}"), TerminalFormatter()))
