"""What one conversation knows of earlier ones, and what of it is to be remembered. State, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field

from dialog.memory.memory import Agreement, EarlierContact, Remembered
from dialog.reply import Manner


@dataclass(slots=True)
class Recollection:
    """``number`` and ``customer`` are the subjects that the caller is known by, as far as they are; ``by_number`` and
    ``by_customer`` what is remembered under them, None where that was not asked or not answered in time."""

    number: str | None = None
    former_number: str | None = None
    """What the number was known by before, where that was something else."""
    customer: str | None = None
    by_number: Remembered | None = None
    by_customer: Remembered | None = None
    several: bool = False
    """More than one customer was in this conversation: what it came to is nobody's."""
    manners: list[Manner] = field(default_factory=list)
    """How they asked to be spoken to in this conversation, each time that they did."""
    asked: str = ""
    """The wording of the question whether they may be remembered, once it was asked."""
    agreement: Agreement | None = None
    """The answer to it."""
    forgotten: bool = False
    """They wanted to be forgotten: nothing is looked up and nothing is kept any more."""

    @property
    def subjects(self) -> tuple[str, ...]:
        """All that the caller is known by."""
        return tuple(subject for subject in (self.customer, self.number) if subject is not None)

    @property
    def standing(self) -> Remembered | None:
        """What decides whether the caller may be remembered: that of the customer, where there is one."""
        return self.by_customer if self.customer is not None else self.by_number

    @property
    def contacts(self) -> tuple[EarlierContact, ...]:
        """Earlier contacts of whoever agreed to be remembered, the customer's first."""
        known = [one for one in (self.by_customer, self.by_number) if one is not None and one.agreed]
        return tuple(contact for remembered in known for contact in remembered.contacts)

    def as_caller(self) -> dict[str, str]:
        """What flows may know of it (see ``dialog.memory.flows``)."""
        named = {"by_customer": self.customer, "by_number": self.number, "by_former_number": self.former_number}
        known = {name: subject for name, subject in named.items() if subject is not None}
        return {**known, "remembered_as": "somebody" if known else "nobody"}

    def forget(self) -> None:
        """Nothing of it is used any more."""
        self.by_number = self.by_customer = self.agreement = None
        self.asked, self.forgotten = "", True
