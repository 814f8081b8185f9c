#: exit 1
#: stderr json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)
import json

json.loads("{bad")
