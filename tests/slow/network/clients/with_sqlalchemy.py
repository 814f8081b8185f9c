import sys

from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    books: Mapped[list["Book"]] = relationship(back_populates="author", order_by="Book.title")


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    author: Mapped[Author] = relationship(back_populates="books")


print("Content-Type: text/plain\n")
engine = create_engine(f"postgresql+pg8000://wagi:secret@{sys.argv[1]}/wagi")
Base.metadata.drop_all(engine)
Base.metadata.create_all(engine)
with Session(engine) as session:
    session.add(Author(name="Jane Austen", books=[Book(title="Persuasion"), Book(title="Emma")]))
    session.commit()
with Session(engine) as session:
    for author in session.scalars(select(Author).join(Author.books).where(Book.title == "Emma")):
        print(author.name, [book.title for book in author.books])
Base.metadata.drop_all(engine)
engine.dispose()
