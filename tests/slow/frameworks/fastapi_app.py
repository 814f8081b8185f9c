from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI(title="Things")


class Thing(BaseModel):
    name: str
    price: float


def limit(most: int = 10):
    yield most


@app.get("/things/{number}")
def thing(number: int, most: int = Depends(limit)):
    if number > most:
        raise HTTPException(404, "no such thing")
    return {"number": number}


@app.post("/things", status_code=201)
async def make(thing: Thing) -> Thing:
    return thing
