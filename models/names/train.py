"""Trains the finder of names: vocabulary, teacher, labels, student, figures, package.

    python models/names/train.py --data FOLDER --encoder e5-small-q4.bin --seed 1 --output DIR

Each step leaves its result in DIR and is left out when it is there; a step that was stopped goes on
where it was. `--until teacher` stops behind a step. `--without de` trains without a language's
marked sentences and templates, to see what is learnt from the others alone.
"""

import argparse
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random

import torch

from finder_training.courses import Course, train
from finder_training.disguises import renamed
from finder_training.encoder_file import EncoderFile
from finder_training.labels import label, labelled
from finder_training.name_lists import NameLists
from finder_training.package import hashed_lists, write_encoder, write_package
from finder_training.readers import StudentReader, TeacherReader
from finder_training.scores import figures
from finder_training.sentences import Sentence, dev_sets, training_set
from finder_training.student import Student
from finder_training.teacher import FROZEN, Teacher, in_eight_bits
from finder_training.templates import Weaver, held_out, read_templates
from finder_training.vocabulary import Vocabulary, piece_numbers, vocabulary
from finder_training.word_lists import word_lists
from lacuna.redaction.name_model.word_features import WordTable

TEMPLATES = Path(__file__).parent / "templates"
_RENAMED = 0.35
_WITHOUT_MARKS = 0.5
# Of these there is more than of the others together.
_MOST = {"nb": 5500, "nn": 4500, "fi": 7000, "es": 4000, "sk": 2500, "hr": 3000, "sr": 1500}
_WIDTH, _LAYERS = 160, 5
# By the rates measured 2026-11-30 each step takes less than an hour on two free cores.
_TEACHER_STEPS, _STUDENT_EPOCHS = 1300, 4


@dataclass(frozen=True)
class Training:
    """One training: where everything lies, and its steps."""

    data: Path
    encoder: Path
    output: Path
    templates: Path
    seed: int
    without: tuple[str, ...]

    def vocabulary(self) -> None:
        """Choose the student's pieces."""
        path = self.output / "vocabulary.npz"
        if not path.exists():
            vocabulary(self.data, self._file).save(path)

    def teacher(self) -> None:
        """Train the encoder's upper layers and the head."""
        reader = self._teacher_reader()
        course = Course(
            epochs=1, rates=(1.5e-4, 1e-3), words=700, seed=self.seed, steps=_TEACHER_STEPS
        )
        train(
            self._teacher,
            self._teacher.groups(),
            course,
            (self._marked, reader.loss),
            self.output / "teacher.pt",
        )

    def labels(self) -> None:
        """Let the teacher read the sentences that nobody marked."""
        self.teacher()
        reader = self._teacher_reader(in_eight_bits(self._teacher))
        label(self.data, reader, self.output / "labels", self.seed)

    def student(self) -> None:
        """Train the student on marks, templates and labels."""
        course = Course(epochs=_STUDENT_EPOCHS, rates=(2e-3,), words=4000, seed=self.seed)
        groups = [list(self._student.parameters())]
        path = self.output / "student.pt"
        train(self._student, groups, course, (self._all, self._student_reader().loss), path)

    def figures(self) -> None:
        """Measure both on the dev sets, and on templates and names that were held out."""
        self.teacher()
        self.student()
        sets = dev_sets(self.data) | self._woven_sets()
        found = {
            "teacher": figures(self._teacher_reader().scores, sets),
            "student": figures(self._student_reader().scores, sets),
        }
        (self.output / "figures.json").write_text(json.dumps(found, indent=1), "utf-8")

    def package(self) -> None:
        """Write the student and the teacher as plain arrays."""
        self.student()
        weights = {name: one.numpy() for name, one in self._student.state_dict().items()}
        path = self.output / "finder.npz"
        write_package(path, weights, self._vocabulary, hashed_lists(word_lists(self.data)))
        self.teacher()
        weights = {name: one.numpy() for name, one in self._teacher.state_dict().items()}
        write_encoder(self.output / "encoder.npz", weights, self._file, self._vocabulary, FROZEN)

    @cached_property
    def _file(self) -> EncoderFile:
        return EncoderFile(self.encoder)

    @cached_property
    def _teacher(self) -> Teacher:
        return Teacher(self._file, piece_numbers(self._vocabulary, self._file))

    @cached_property
    def _names(self) -> NameLists:
        return NameLists(self.data)

    @cached_property
    def _gold(self) -> list[Sentence]:
        return training_set(self.data, without=self.without)

    @cached_property
    def _labelled(self) -> list[Sentence]:
        found = labelled(self.output / "labels")
        return [one for one in found if one.lang not in self.without]

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary.load(self.output / "vocabulary.npz")

    @cached_property
    def _student(self) -> Student:
        return Student(self._vocabulary.vectors, width=_WIDTH, layers=_LAYERS)

    def _teacher_reader(self, teacher: Teacher | None = None) -> TeacherReader:
        return TeacherReader(teacher or self._teacher, self._vocabulary.cutter())

    def _student_reader(self) -> StudentReader:
        lists = hashed_lists(word_lists(self.data))
        types = WordTable(self._vocabulary.cutter(), lists, self._student.none)
        return StudentReader(self._student, types)

    def _marked(self, rng: Random) -> list[Sentence]:
        """Return an epoch of marked sentences, some with other people, and filled templates."""
        templates = [
            one
            for one in read_templates(self.templates)
            if one.lang not in self.without and not held_out(one)
        ]
        woven = Weaver(self._names, rng).all(templates, people=6, others=3)
        return [*(self._perhaps_renamed(one, rng) for one in self._sample(rng)), *woven]

    def _all(self, rng: Random) -> list[Sentence]:
        """Return an epoch for the student: labelled sentences, too."""
        soft = (self._perhaps_renamed(one, rng) for one in self._labelled)
        return [*self._marked(rng), *soft]

    def _sample(self, rng: Random) -> Iterator[Sentence]:
        """Yield marked sentences by chance: not too many of a language, or without a mark."""
        taken: Counter[str] = Counter()
        for one in rng.sample(self._gold, len(self._gold)):
            wanted = one.marks or rng.random() < _WITHOUT_MARKS
            if wanted and taken[one.lang] < _MOST.get(one.lang, len(self._gold)):
                taken[one.lang] += 1
                yield one

    def _perhaps_renamed(self, one: Sentence, rng: Random) -> Sentence:
        return renamed(one, self._names, rng) if rng.random() < _RENAMED else one

    def _woven_sets(self) -> dict[str, list[Sentence]]:
        names, sets = NameLists(self.data, held=True), dict[str, list[Sentence]]()
        templates = [one for one in read_templates(self.templates) if held_out(one)]
        weaver = Weaver(names, Random(self.seed))
        for one in weaver.all(templates, people=2, others=1):
            sets.setdefault(f"woven.{one.lang}", []).append(one)
        return sets


STEPS: dict[str, Callable[[Training], None]] = {
    "vocabulary": Training.vocabulary,
    "teacher": Training.teacher,
    "labels": Training.labels,
    "student": Training.student,
    "figures": Training.figures,
    "package": Training.package,
}


def main() -> None:
    """Run the steps."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    for name in ("data", "encoder", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--templates", type=Path, default=TEMPLATES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--until", choices=STEPS, default="package")
    parser.add_argument("--without", nargs="*", default=())
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    given.output.mkdir(parents=True, exist_ok=True)
    training = Training(
        given.data,
        given.encoder,
        given.output,
        given.templates,
        given.seed,
        tuple(given.without),
    )
    for name, step in STEPS.items():
        step(training)
        if name == given.until:
            break


if __name__ == "__main__":
    main()
