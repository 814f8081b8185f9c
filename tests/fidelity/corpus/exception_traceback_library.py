#: exit 1
#: stderr decimal.InvalidOperation: [<class 'decimal.ConversionSyntax'>]
import decimal, traceback, urllib.request

try:
    urllib.request.urlopen("ftp2://x")
except Exception:
    print(traceback.format_exc())
decimal.Decimal("x")
