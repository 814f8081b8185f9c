import json


class Thing:
    def __init__(self):
        self.dumps = 1


def used():
    import textwrap

    return textwrap.dedent(json.dumps([Thing().dumps]))
