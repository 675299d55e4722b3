"""Trains a model over epochs of sentences; stops and resumes without loss."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch
from torch import Tensor, nn

from finder_training.sentences import Sentence

__all__ = ["Course", "Step", "batches", "set_loss", "soft_loss", "train"]

_log = logging.getLogger(__name__)
_SORTED_AT_ONCE = 4096
_LONGEST = 120
_WARM_UP = 100
_SAVED_EVERY = 200
_AVERAGED_EVERY = 5
_KEPT = 0.995
_STEEPEST = 2.0
_LEAST = 0.01

Step = Callable[[list[Sentence], Random], Tensor]


@dataclass(frozen=True)
class Course:
    """How long and how fast a model is trained.

    Attributes:
        rates: learning rate per group of parameters, at the top of the schedule.
        words: words in a batch, with the empty places.
        steps: batches of an epoch; None: as many as there are.
    """

    epochs: int
    rates: tuple[float, ...]
    words: int
    seed: int
    steps: int | None = None


def batches(sentences: Sequence[Sentence], words: int, rng: Random) -> list[list[Sentence]]:
    """Return the sentences in batches of like length, in chance order."""
    mixed = list(sentences)
    rng.shuffle(mixed)
    found: list[list[Sentence]] = []
    for start in range(0, len(mixed), _SORTED_AT_ONCE):
        part = sorted(mixed[start : start + _SORTED_AT_ONCE], key=lambda one: len(one.at))
        near = list(_filled(part, words))
        rng.shuffle(near)
        found += near
    return found


def _filled(part: Sequence[Sentence], words: int) -> Iterator[list[Sentence]]:
    batch: list[Sentence] = []
    for one in part:
        if batch and min(len(one.at), _LONGEST) * (len(batch) + 1) > words:
            yield batch
            batch = []
        batch.append(one)
    yield batch


def set_loss(scores: Tensor, allowed: Tensor) -> Tensor:
    """Return the summed loss of words whose tag is one of a set; `allowed` 0 is no word.

    Args:
        scores: [rows, words, tags].
        allowed: [rows, words], a bit for each tag.
    """
    bits = (allowed[:, :, None] >> torch.arange(scores.shape[2])) & 1
    likely = torch.log_softmax(scores, 2).masked_fill(bits == 0, -1e4)
    return -(torch.logsumexp(likely, 2) * (allowed > 0)).sum()


def soft_loss(scores: Tensor, soft: Tensor) -> Tensor:
    """Return the summed cross entropy to a teacher's probabilities; zeros are no word."""
    return -(torch.log_softmax(scores, 2) * soft).sum()


def train(
    model: nn.Module,
    groups: Sequence[Sequence[nn.Parameter]],
    course: Course,
    material: tuple[Callable[[Random], Sequence[Sentence]], Step],
    path: Path,
) -> None:
    """Train the model, or go on where `path` says it stopped; its weights end as averages.

    Args:
        groups: the parameters, a group for each rate of the course.
        material: makes an epoch's sentences, and the loss of a batch.
        path: where the state is kept; a course that is finished is only read.
    """
    optimizer = torch.optim.AdamW(
        [{"params": list(group)} for group in groups], betas=(0.9, 0.98), fused=True
    )
    state = _State(model, optimizer, path)
    state.load()
    epoch, at = state.place
    while epoch < course.epochs:
        _epoch(state, course, material, epoch, at)
        epoch, at = epoch + 1, 0
        state.save((epoch, at))
    state.use_averages()


def _epoch(
    state: "_State",
    course: Course,
    material: tuple[Callable[[Random], Sequence[Sentence]], Step],
    epoch: int,
    at: int,
) -> None:
    """Train on an epoch's batches from the one numbered `at`: drawn again alike when resumed."""
    sentences, loss_of = material
    rng = Random(f"{course.seed} epoch {epoch}")
    todo = batches(sentences(rng), course.words, rng)[: course.steps]
    for number, batch in enumerate(todo[at:], at):
        share = (epoch + number / len(todo)) / course.epochs
        state.set_rates(course.rates, min(1.0, (epoch * len(todo) + number + 1) / _WARM_UP), share)
        loss = loss_of(batch, Random(f"{course.seed} {epoch} {number}"))
        state.descend(loss)
        if (number + 1) % _SAVED_EVERY == 0:
            _log.info("epoch %d, step %d of %d: loss %.4f", epoch, number, len(todo), loss.item())
            state.save((epoch, number + 1))


class _State:
    """What a course needs to go on: weights, their averages, the optimizer's state, the place."""

    def __init__(self, model: nn.Module, optimizer: torch.optim.Optimizer, path: Path) -> None:
        self._weights = {name: p for name, p in model.named_parameters() if p.requires_grad}
        self._averages = {name: p.detach().clone() for name, p in self._weights.items()}
        self._optimizer, self._path = optimizer, path
        self._steps = 0
        self.place = (0, 0)

    def set_rates(self, rates: Sequence[float], warm: float, share: float) -> None:
        for group, rate in zip(self._optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * warm * max(_LEAST, 1 - share)

    def descend(self, loss: Tensor) -> None:
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(list(self._weights.values()), _STEEPEST)
        self._optimizer.step()
        self._steps += 1
        if self._steps % _AVERAGED_EVERY == 0:
            keep = min(_KEPT, self._steps / (self._steps + 10 * _AVERAGED_EVERY))
            for name, weights in self._weights.items():
                self._averages[name].lerp_(weights.detach(), 1 - keep)

    def use_averages(self) -> None:
        with torch.no_grad():
            for name, weights in self._weights.items():
                weights.copy_(self._averages[name])

    def load(self) -> None:
        if not self._path.exists():
            return
        kept = torch.load(self._path)
        with torch.no_grad():
            for name, weights in self._weights.items():
                weights.copy_(kept["weights"][name])
        self._averages = kept["averages"]
        self._optimizer.load_state_dict(kept["optimizer"])
        self._steps, self.place = kept["steps"], kept["place"]

    def save(self, place: tuple[int, int]) -> None:
        kept = {
            "weights": self._weights,
            "averages": self._averages,
            "optimizer": self._optimizer.state_dict(),
            "steps": self._steps,
            "place": place,
        }
        beside = self._path.with_suffix(".part")
        torch.save(kept, beside)
        beside.replace(self._path)
