import decimal
from decimal import Decimal

print(decimal.getcontext(), Decimal(1) / 3)
decimal.getcontext().prec = 5
print(Decimal(1) / 3)
with decimal.localcontext() as context:
    context.prec = 2
    print(Decimal(1) / 3, decimal.getcontext().flags[decimal.Inexact])
decimal.setcontext(decimal.BasicContext)
print(Decimal(1) / 7, decimal.DefaultContext, decimal.getcontext())
