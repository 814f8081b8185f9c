import ast, csv, difflib, io, pprint, string, struct, textwrap, tokenize, unicodedata

print(list(csv.reader(['a,"b,c"', "1,2"])), struct.pack("<IH", 1, 2), unicodedata.name("ü"), unicodedata.unidata_version)
print("\n".join(difflib.unified_diff(["a", "b"], ["a", "c"], lineterm="")), textwrap.fill("word " * 30, 40))
pprint.pprint({"key": list(range(30)), "other": {"nested": "x" * 60}})
print([t.string for t in tokenize.generate_tokens(io.StringIO("x = f'{1}'\n").readline)], ast.dump(ast.parse("a + 1")))
