"""CommonMark."""

from markdown_it import MarkdownIt

md = MarkdownIt("commonmark").enable("table")
print(md.render("# A *b*\n\n1. x\n2. y\n\n| a |\n|---|\n| 1 |\n"))
print([token.type for token in md.parse("a\n\n> b")])
