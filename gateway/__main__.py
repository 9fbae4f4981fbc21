"""The ``aicc`` command line: names the commands and their options; what they do lies in ``gateway.commands``.

Commands import what they need when they run, so that ``aicc --help`` does not load models' libraries.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from gateway.commands.audit_line import audits
from gateway.commands.custody_line import register as register_custody
from gateway.commands.export_line import export
from gateway.commands.options import (
    EXAMPLE,
    Data,
    Json,
    Language,
    TenantName,
    Tenants,
    Url,
    api_token,
    data_directory,
    tenant_folders,
    tenant_named,
)
from gateway.commands.quality_line import quality
from gateway.commands.running import run_command
from gateway.commands.sealed_line import keys, recordings
from gateway.commands.user_line import users
from gateway.commands.webhooks_line import webhooks
from infra.config import set_variable
from infra.errors import AiccError

app = typer.Typer(
    name="aicc",
    help="A contact center backend that listens, answers from your own knowledge, acts, and hands over to people.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
models = typer.Typer(help="Production models from a hub: what there is, and fetching it.", no_args_is_help=True)
app.add_typer(models, name="models")
bench = typer.Typer(help="What this machine carries: measured over real calls to a real gateway.", no_args_is_help=True)
app.add_typer(bench, name="bench")
flow = typer.Typer(help="A tenant's flows: what is wrong with them, and their pictures.", no_args_is_help=True)
app.add_typer(flow, name="flow")
releases = typer.Typer(
    help="What decides how a tenant's conversations go, kept for good under its own name; labels say which is served.",
    no_args_is_help=True,
)
app.add_typer(releases, name="release")
memories = typer.Typer(help="What is remembered of customers between contacts.", no_args_is_help=True)
app.add_typer(memories, name="memory")

app.add_typer(users, name="user")
app.add_typer(audits, name="audit")
app.add_typer(webhooks, name="webhooks")
app.add_typer(quality, name="quality")
app.command()(export)
app.add_typer(keys, name="keys")
app.add_typer(recordings, name="recording")
register_custody(app)
callbacks = typer.Typer(help="Calls that a tenant makes by itself, and who must not be called.", no_args_is_help=True)
app.add_typer(callbacks, name="callbacks")


@app.command()
def serve(
    data: Data = None,
    tenants: Tenants = None,
    port: Annotated[int | None, typer.Option(help="port to listen on; 0: any free one")] = None,
    with_services: Annotated[bool, typer.Option(help="also start the example services of the tenants")] = False,
) -> None:
    """Answer calls until told to stop."""
    from gateway.commands.serve import serve as run

    if port is not None:
        set_variable("AICC_GATEWAY_PORT", str(port))
    run_command(_served(run, data_directory(data), tenant_folders(tenants), with_services))


async def _served(run: Any, data: Path, folders: tuple[Path, ...], with_services: bool) -> None:
    from gateway.commands.services import example_services

    if not with_services:
        await run(data, folders, _console())
        return
    async with example_services(folders) as urls:
        set_variable("AICC_DIALOG_SERVICE_URLS", ",".join(f"{name}={url}" for name, url in urls.items()))
        await run(data, folders, _console())


@app.command()
def demo(data: Data = None) -> None:
    """One real call being answered: hear it, see it, inspect it."""
    from gateway.commands.demo import demo as run

    run_command(run(data_directory(data), EXAMPLE, _console()))


@app.command()
def call(
    audio: Annotated[list[str], typer.Argument(help="recordings, said one after the other; dtmf:123# presses keys")],
    to: Annotated[str | None, typer.Option(help="number or alias of the line; else the first English one")] = None,
    url: Url = None,
    data: Data = None,
    as_json: Json = False,
    save: Annotated[Path, typer.Option(help="where to write what the caller said and heard")] = Path("call.wav"),
) -> None:
    """Be a caller: play recordings over a real media stream, record what is heard, print what happens."""
    from gateway.commands.call import call as run
    from gateway.commands.server import require

    async def work() -> None:
        gateway = await require(data_directory(data), url, api_token())
        await run(gateway, audio, to=to, as_json=as_json, save=save, console=_console())

    run_command(work())


@app.command()
def chat(tenant: TenantName = "hanbit-store", lang: Language = "en", data: Data = None, url: Url = None) -> None:
    """The same dialog in the terminal, by text."""
    from gateway.commands import ask as asking
    from gateway.commands.progress import Steps

    async def work() -> None:
        name, folder = tenant_named(tenant)
        steps = Steps(_console())
        async with asking.conversations(data_directory(data), folder, steps=steps, url=url, durable=True) as where:
            await asking.chat(where, name, lang, _console())

    run_command(work())


@app.command()
def ask(
    question: str,
    tenant: TenantName = "hanbit-store",
    lang: Annotated[str | None, typer.Option("--lang", help="ko or en; else as the question is written")] = None,
    data: Data = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Ask one question; with --json: answer, citations, confidence, decision."""
    from gateway.commands import ask as asking
    from gateway.commands.progress import Steps

    language = lang or ("ko" if any("가" <= character <= "힣" for character in question) else "en")

    async def work() -> dict[str, Any]:
        name, folder = tenant_named(tenant)
        steps = Steps(Console(stderr=True), quiet=as_json)
        async with asking.conversations(data_directory(data), folder, steps=steps, url=url, durable=False) as where:
            return await where.ask(name, question, language)

    answer = run_command(work())
    if as_json:
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        return
    console = _console()
    console.print(escape(answer["answer"]))
    console.print(f"[dim]{answer['decision']}, confidence {answer['confidence']:.2f}[/]")
    for citation in answer["citations"]:
        console.print(f"[dim]  {escape(citation['document'])}: “{escape(citation['quote'])}”[/]")


@app.command("mcp")
def serve_mcp(
    tenant: Annotated[str, typer.Option("--tenant", "-t", help="the tenant's id")] = "hanbit-store",
    lang: Language = "en",
    customer: Annotated[str | None, typer.Option(help="the customer to act for, if the tenant allows it")] = None,
    data: Data = None,
    url: Url = None,
) -> None:
    """The tenant's MCP server over standard input and output: a way to the running gateway."""
    from gateway.commands.mcp import mcp as run
    from gateway.commands.server import require

    async def work() -> None:
        await run(await require(data_directory(data), url, api_token()), tenant, lang, customer)

    run_command(work())


@app.command()
def ingest(path: Path, tenant: TenantName = "hanbit-store", data: Data = None) -> None:
    """Bring a tenant's knowledge up to date from a file or folder."""
    from gateway.commands.ingest import ingest as run

    async def work() -> bool:
        name, folders = tenant_named(tenant)
        return await run(data_directory(data), folders[0], name, path, _console())

    if not run_command(work()):
        raise typer.Exit(1)


@app.command("trace")
def show_trace(
    call: Annotated[
        str | None, typer.Argument(help="the call's id, or its SIP Call-ID; none: those that there are")
    ] = None,
    messages: Annotated[bool, typer.Option("--messages", help="also print all of each message")] = False,
    data: Data = None,
    url: Url = None,
) -> None:
    """A call's SIP messages as a ladder: who sent what to whom, and when."""
    from gateway.commands.server import find
    from gateway.commands.trace import latest, trace

    async def work() -> None:
        place = data_directory(data)
        if call is None:
            latest(place, _console())
            return
        await trace(place, call, await find(place, url, api_token()), _console(), messages=messages)

    run_command(work())


@app.command()
def doctor(data: Data = None) -> None:
    """What is installed, which engines are active, what falls back to what."""
    from gateway.commands.doctor import doctor as run

    if not run_command(run(data_directory(data), _console())):
        raise typer.Exit(1)


@app.command()
def settings() -> None:
    """Every setting there is, as Markdown."""
    from gateway.commands.settings import page

    sys.stdout.write(page() + "\n")


@app.command("eval")
def evaluate(
    suite: Annotated[str, typer.Argument(help="a suite of examples/suites by name, a YAML file, or all")],
    as_json: Json = False,
    baseline: Annotated[Path | None, typer.Option(help="JSON file of an earlier run; of all: their folder")] = None,
    report: Annotated[Path | None, typer.Option(help="write SUITE.html and SUITE.json into this folder")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="cases per group at most, evenly spread; else all")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="folder of data sets; else AICC_EVALUATE_DATA")] = None,
) -> None:
    """Measure what this release is worth. Exit code: 0 all gates hold, 1 one fails, 2 it could not be measured."""
    from gateway.commands.evaluate.run import Order
    from gateway.commands.evaluate.run import evaluate as run

    raise typer.Exit(run(Order(suite, baseline, report, limit, data), as_json=as_json))


@releases.command("create")
def create_release(
    tenant: TenantName = "hanbit-store",
    note: Annotated[str, typer.Option(help="why there is a new one")] = "",
    data: Data = None,
) -> None:
    """Keep a tenant's folder, its knowledge and the models in use as a release."""
    from gateway.commands.release import create as run

    async def work() -> None:
        await run(data_directory(data), tenant_named(tenant)[1][0], note, _console())

    run_command(work())


@releases.command("list")
def list_releases(tenant: TenantName = "hanbit-store", data: Data = None) -> None:
    """The latest releases, with the labels that point to them."""
    from gateway.commands.release import latest as run

    async def work() -> None:
        await run(data_directory(data), tenant_named(tenant)[0], _console())

    run_command(work())


@releases.command("promote")
def promote_release(
    name: Annotated[str, typer.Argument(help="a release (six characters are enough) or a label that points to one")],
    label: Annotated[str, typer.Argument(help="such as prod or canary")],
    tenant: TenantName = "hanbit-store",
    data: Data = None,
) -> None:
    """Let a label point to a release; going back is the same with the older one."""
    from gateway.commands.release import promote as run

    async def work() -> None:
        await run(data_directory(data), tenant_named(tenant)[0], name, label, _console())

    run_command(work())


@releases.command("diff")
def diff_releases(
    old: Annotated[str, typer.Argument(help="a release or label")],
    new: Annotated[str, typer.Argument(help="a release or label; folder: the tenant's folder as it is now")] = "folder",
    tenant: TenantName = "hanbit-store",
    data: Data = None,
) -> None:
    """What changed. Exit code: 0 nothing, 1 something."""
    from gateway.commands.release import diff as run

    async def work() -> bool:
        named, folders = tenant_named(tenant)
        return await run(data_directory(data), folders[0], named, old, new, _console())

    if run_command(work()):
        raise typer.Exit(1)


CustomerNumber = Annotated[str, typer.Option("--customer", help="the number that the enterprise knows them by")]
PhoneNumber = Annotated[str, typer.Option("--number", help="the telephone number that they call from")]


@memories.command("show")
def show_memory(
    customer: CustomerNumber = "", number: PhoneNumber = "", tenant: TenantName = "hanbit-store", data: Data = None
) -> None:
    """What is remembered of somebody, as a table."""
    from dialog.memory.tenant import Person
    from gateway.commands.memory import show as run

    async def work() -> None:
        await run(data_directory(data), tenant_named(tenant)[1][0], Person(customer, number), _console())

    run_command(work())


@memories.command("export")
def export_memory(
    customer: CustomerNumber = "", number: PhoneNumber = "", tenant: TenantName = "hanbit-store", data: Data = None
) -> None:
    """All that is remembered of somebody, as JSON."""
    from dialog.memory.tenant import Person
    from gateway.commands.memory import export as run

    async def work() -> dict[str, Any]:
        return await run(data_directory(data), tenant_named(tenant)[1][0], Person(customer, number))

    sys.stdout.write(json.dumps(run_command(work()), ensure_ascii=False, indent=2) + "\n")


@memories.command("forget")
def forget_memory(
    customer: CustomerNumber = "", number: PhoneNumber = "", tenant: TenantName = "hanbit-store", data: Data = None
) -> None:
    """Delete all that is remembered of somebody; that it was done is kept, and nothing else."""
    from dialog.memory.tenant import Person
    from gateway.commands.memory import forget as run

    async def work() -> None:
        await run(data_directory(data), tenant_named(tenant)[1][0], Person(customer, number), _console())

    run_command(work())


@flow.command("check")
def check_flows(tenant: TenantName = str(EXAMPLE)) -> None:
    """Every mistake in a tenant's flows and texts, with file, line and key."""
    from gateway.commands.flow import check

    if not check(_tenant_folder(tenant), _console()):
        raise typer.Exit(1)


@flow.command("draw")
def draw_flow(name: str, tenant: TenantName = str(EXAMPLE)) -> None:
    """A flow as a Mermaid flowchart."""
    from gateway.commands.flow import draw

    try:
        draw(_tenant_folder(tenant), name, _console())
    except AiccError as error:
        _console().print(f"[red]{escape(str(error))}[/red]")
        raise typer.Exit(1) from error


def _tenant_folder(named: str) -> Path:
    """The folder itself, or that of the known tenant of this name: one that does not load must be found, too."""
    given = [Path(named), *(folder for folder in tenant_folders(None) if folder.name == named)]
    return next((folder for folder in given if (folder / "tenant.yaml").is_file()), given[0])


@app.command()
def calibrate(
    turns: Annotated[Path, typer.Argument(help="labelled turns: YAML, or CSV with question, language, holds, topic")],
    tenant: TenantName = "hanbit-store",
    data: Data = None,
) -> None:
    """Learn from a tenant's labelled turns how far its answers may be trusted; writes its calibration.yaml."""
    from gateway.commands.calibrate import calibrate as run

    async def work() -> None:
        name, folders = tenant_named(tenant)
        await run(data_directory(data), folders[0], name, turns, _console())

    run_command(work())


@callbacks.command("add")
def add_callback(
    number: Annotated[str, typer.Argument(help="with its country's code, or as it is dialled in the tenant's country")],
    at: Annotated[str, typer.Option(help="when, such as 2026-11-24T15:00; the tenant's local time")],
    lang: Language = "en",
    purpose: Annotated[str, typer.Option(help="a flow of the tenant's that reaches out")] = "callback",
    detail: Annotated[list[str] | None, typer.Option(help="name=value, a value of that flow; several times")] = None,
    contact: Annotated[str | None, typer.Option(help="the call in which it was promised")] = None,
    key: Annotated[str | None, typer.Option(help="the same key asks for the same call")] = None,
    tenant: TenantName = "hanbit-store",
    data: Data = None,
) -> None:
    """Have somebody called."""
    from gateway.commands import callbacks as run
    from gateway.outbound.desk import Wanted

    async def work() -> None:
        wanted = Wanted(number, lang, run.moment(at), purpose, run.details(detail or []), contact=contact, key=key)
        await run.add(data_directory(data), tenant_named(tenant)[1][0], wanted, _console())

    run_command(work())


@callbacks.command("list")
def list_callbacks(
    state: Annotated[str | None, typer.Option(help="only those that are due, ringing, done, failed, …")] = None,
    tenant: TenantName = "hanbit-store",
    data: Data = None,
) -> None:
    """The latest due calls, and the numbers that must not be called."""
    from gateway.commands.callbacks import latest as run
    from gateway.outbound.due_call import State

    if state is not None and state not in set(State):
        raise typer.BadParameter(f"one of {', '.join(State)}")

    async def work() -> None:
        await run(data_directory(data), tenant_named(tenant)[1][0], None if state is None else State(state), _console())

    run_command(work())


@callbacks.command("cancel")
def cancel_callback(due_call: str, tenant: TenantName = "hanbit-store", data: Data = None) -> None:
    """Call one off that is due."""
    from gateway.commands.callbacks import cancel as run

    async def work() -> None:
        await run(data_directory(data), tenant_named(tenant)[1][0], due_call, _console())

    run_command(work())


@callbacks.command("opt-out")
def opt_out(number: str, tenant: TenantName = "hanbit-store", data: Data = None) -> None:
    """Never call a number again."""
    from gateway.commands.callbacks import opt_out as run

    async def work() -> None:
        await run(data_directory(data), tenant_named(tenant)[1][0], number, _console())

    run_command(work())


@models.command("list")
def list_models(data: Data = None) -> None:
    """What can be fetched, with licence and size."""
    from gateway.commands.models import list_models as run

    run(data_directory(data), _console())


@models.command("pull")
def pull_model(name: str, data: Data = None) -> None:
    """Fetch a model; refuses clearly when the hub cannot be reached."""
    from gateway.commands.models import pull

    run_command(_quick(pull, data_directory(data), name, _console()))


@bench.command("capacity")
def bench_capacity(
    mode: Annotated[
        str,
        typer.Option(
            help="turn: callers who talk; feed: who only listen; echo: the media transport; floor: none of us"
        ),
    ] = "turn",
    most: Annotated[int, typer.Option(min=1, help="calls that are tried at most")] = 400,
    seconds: Annotated[float, typer.Option(min=1, help="length of each measured window")] = 20.0,
    calls: Annotated[str | None, typer.Option(help="try these numbers only, such as 10,20,40")] = None,
    curve: Annotated[Path | None, typer.Option(help="write capacity.md and capacity.svg into this folder")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="keep the measured gateway's data here")] = None,
    as_json: Json = False,
) -> None:
    """How many calls one core carries within the limits; with --json one line of figures in the end."""
    from gateway.commands.bench import order as ordering
    from gateway.commands.bench.capacity import capacity

    async def work() -> dict[str, Any]:
        order = ordering.capacity_order(mode, most=most, seconds=seconds, calls=calls)
        console = Console(stderr=as_json, soft_wrap=True, highlight=False)
        findings = await capacity(order, EXAMPLE, data, lambda line: console.print(escape(line)))
        if curve is not None:
            from gateway.commands.bench.page import write_page

            write_page(curve, findings, order)
        return findings.verdict()

    figures = run_command(work())
    if as_json:
        sys.stdout.write(json.dumps(figures) + "\n")


@bench.command("turns")
def bench_turns(
    calls: Annotated[int, typer.Option(min=1, help="callers who talk at once")] = 1,
    turns: Annotated[int, typer.Option(min=1, help="answered turns to measure, over all calls")] = 32,
    data: Annotated[Path | None, typer.Option("--data", help="keep the measured gateway's data here")] = None,
    as_json: Json = False,
) -> None:
    """How long callers wait for the first sound of an answer, stage by stage, with the real recognizer."""
    from gateway.commands.bench.turns import measure_turns

    async def work() -> dict[str, Any]:
        console = Console(stderr=as_json, soft_wrap=True, highlight=False)
        found = await measure_turns(calls, turns, EXAMPLE, data, lambda line: console.print(escape(line)))
        return found.verdict()

    figures = run_command(work())
    if as_json:
        sys.stdout.write(json.dumps(figures) + "\n")


async def _quick(function: Any, *arguments: Any) -> None:
    await asyncio.to_thread(function, *arguments)


def _console() -> Console:
    return Console()


def main() -> None:
    """The console script."""
    # NumPy's matrices here are small: threads of its own only spin beside calls. To be set before NumPy is loaded.
    set_variable("OPENBLAS_NUM_THREADS", "1")
    app()


if __name__ == "__main__":
    main()
