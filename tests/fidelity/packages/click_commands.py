"""Commands, options, an error."""
#: run ["python", "{}", "greet", "--count", "2", "Ada"]
#: and
#: run ["python", "{}", "greet"]
#: exit 2
#: stderr Error: Missing argument 'NAME'.

import click


@click.group()
def cli():
    pass


@cli.command()
@click.option("--count", default=1, help="How often.")
@click.argument("name")
def greet(count, name):
    for _ in range(count):
        click.echo(click.style(f"Hello, {name}", fg="green"), color=True)


cli()
