#: env REQUEST_METHOD=GET
#: env QUERY_STRING=a=1&a=2
#: stderr   import cgi
import cgi

form = cgi.FieldStorage()
print(form.getlist("a"))
