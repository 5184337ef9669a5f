"""Troubleshooting by line prompts: a log or a symptom in, causes out, and a jump to the step that mends the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard import diagnosis
from wizard.plain.prompts import LeaveError
from wizard.setup.steps import start as start_step
from wizard.setup.steps import troubleshoot as troubleshoot_step
from wizard.system import event_loop

if TYPE_CHECKING:
    from wizard.diagnosis import Diagnosis
    from wizard.plain.prompts import Prompts
    from wizard.setup.flow import FlowState
    from wizard.system.output import Out


def shoot(flow: FlowState, ask: Prompts, out: Out) -> tuple[Diagnosis, str | None]:
    """Return the diagnosis, and the step to go to where the operator wants to mend it. Raises Back and Left."""
    text = ask.block("Paste the error or a few log lines")
    symptom = None if text.strip() else _symptom(ask, out)
    draft, session = start_step.for_checking(flow.session, flow.draft)
    found = event_loop.run(troubleshoot_step.run(text, draft if draft.server.host else None, session, symptom=symptom))
    out.say(*diagnosis.as_text(found).splitlines())
    step = diagnosis.step_of(found.standing[0].key) if found.standing else "start"
    if step == "start":
        return found, None
    try:
        goes = ask.yes(f"Go to the step that mends it ({step.replace('_', ' ')}) and come back?")
    except LeaveError:  # what was asked for is said already
        goes = False
    return found, step if goes else None


def _symptom(ask: Prompts, out: Out) -> str | None:
    """Ask for one of the symptoms; Enter alone names none."""
    choices = [choice for choice in diagnosis.CHOICES if choice[0] != "paste"]
    out.say("What do you see?", *(f"{number}  {title}" for number, (_, title) in enumerate(choices, 1)))
    while typed := ask.line("Which? (Enter: none)").strip():
        if typed.isdigit() and 1 <= int(typed) <= len(choices):
            return choices[int(typed) - 1][0]
        out.say(f"Type a number from 1 to {len(choices)}.")
    return None
