value = __name__, __package__
