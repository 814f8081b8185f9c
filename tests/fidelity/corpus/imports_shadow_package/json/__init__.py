from . import decoder

mine = "my json"
