from . import name
from .nested import leaf

value = name, leaf.value, __package__
