"""What is wrong with the place that the settings are written to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.model import validation
from wizard.model.draft import EnvTarget
from wizard.setup.fields import found
from wizard.setup.step import Problem
from wizard.targets.infisical import location as infisical_location

if TYPE_CHECKING:
    from wizard.setup.flow import FlowState

KEY: Final = "target"


def problems(state: FlowState) -> list[Problem]:
    """Return what is wrong with the place, the client secret's faults among it."""
    target, session = state.draft.target, state.session
    if target is None:
        return found(target__kind="Choose where GlitchTip reads its settings from.")
    if isinstance(target, EnvTarget):
        return found(target__path=None if target.path.strip() else "The path of the .env file is missing.")
    wrong = found(
        target__url=infisical_location.problem_with_url(target.url, allow_http=target.allow_http or session.rehearsal),
        target__project=None if target.project else "The project is missing: its slug or its id.",
        target__environment=None if target.environment else "The environment is missing: its slug, such as prod.",
        target__secret_path=infisical_location.problem_with_path(target.secret_path),
        target__client_id=None
        if target.client_id or session.token
        else "The client id is missing: Identity, Authentication, Universal Auth.",
    )
    if session.token is None or session.client_secret is not None:
        given = session.client_secret.reveal() if session.client_secret is not None else ""
        problem = validation.problem_with_client_secret(given)
        if problem is not None:
            wrong.append(Problem(f"{KEY}.client_secret", problem))
    return wrong
