import numbers

numbers.Number.mine = 1
import fractions
