"""A JSON API: converts between units."""

from router import Problem, Router, read_json

UNITS = {
    "length": {"m": 1.0, "km": 1000.0, "ft": 0.3048, "mi": 1609.344},
    "mass": {"kg": 1.0, "g": 0.001, "lb": 0.45359237, "oz": 0.028349523125},
}

router = Router()


@router.get("/units")
def units(request):
    return {quantity: sorted(of_it) for quantity, of_it in UNITS.items()}


@router.get("/units/{name}")
def unit(request, name):
    quantity = quantity_of(name)
    return {"name": name, "quantity": quantity, "in_base_units": UNITS[quantity][name]}


@router.post("/conversions")
def convert(request):
    asked = read_json(request, {"value": (int, float), "from": str, "to": str})
    start, end = quantity_of(asked["from"]), quantity_of(asked["to"])
    if start != end:
        raise Problem(422, f"{asked['from']} is a unit of {start}, {asked['to']} one of {end}")
    units = UNITS[start]
    return {**asked, "result": asked["value"] * units[asked["from"]] / units[asked["to"]]}


def quantity_of(name):
    for quantity, units in UNITS.items():
        if name in units:
            return quantity
    raise Problem(404, f"there is no unit {name}")


if __name__ == "__main__":
    router.run()
