from os.path import *
from json import *
from decimal import *
from logging import *

print(list(globals()))
