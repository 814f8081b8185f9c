#: env REQUEST_METHOD=GET
#: env QUERY_STRING=a=1&a=2
#: stderr   import cgi
#: 3.13+ exit 1
#: 3.13+ stderr ModuleNotFoundError: No module named 'cgi'
import cgi

form = cgi.FieldStorage()
print(form.getlist("a"))
