"""规则集: everything that knows the YAML of the rules.

Load a rulebook with :func:`load_rulebook`, look at it from an area with :meth:`Rulebook.view`, and check
one, broken or not, with :func:`check_rulebook`. The format of the files is described in
``rules/README.md``.
"""

from jiefen.notation.labels import Label
from jiefen.periods import Ends, FirstDay
from jiefen.rules.analysis.casetests import CaseTest, TestReport, TestResult, run_tests
from jiefen.rules.analysis.check import check_rulebook
from jiefen.rules.analysis.laws import check_against_laws
from jiefen.rules.analysis.schema import schemas
from jiefen.rules.analysis.schema import written as schema_text
from jiefen.rules.build.reading import MAX_RULE_BYTES
from jiefen.rules.build.rulebook import Rulebook, load_rulebook
from jiefen.rules.build.starts import Starts
from jiefen.rules.format.words import LABEL as LABEL_SHAPE
from jiefen.rules.format.words import NAME as NAME_SHAPE
from jiefen.rules.model.conditions import holding
from jiefen.rules.model.deadlines import (
    PRESSING,
    RELATIVES,
    Action,
    Administers,
    DeadlineRule,
    DeadlineVersion,
    Direction,
    Effect,
    Expiry,
    Extension,
    Ground,
    Ladder,
    Message,
    Milestone,
    NoticeForm,
    Relative,
    Revival,
    Role,
    Rung,
    Safe,
    Sender,
    Side,
)
from jiefen.rules.model.guards import Authority, Guard, Who
from jiefen.rules.model.practice import (
    Assignment,
    AssignmentKind,
    Better,
    CheckItem,
    Checklist,
    Colour,
    Entry,
    Every,
    FigureRule,
    GradeRule,
    Grading,
    HolidayPolicy,
    Indicator,
    ListItem,
    Mode,
    Pattern,
    Per,
    Routine,
    Score,
)
from jiefen.rules.model.rule import (
    NATION,
    Citation,
    Confidence,
    Kind,
    Place,
    Rule,
    cited,
    layers_of,
    reasons,
)
from jiefen.rules.model.tables import Aggregate, Decision, Hit, Row, Table
from jiefen.rules.model.trace import ConditionTrace, RowTrace, Trace
from jiefen.rules.model.unary import MISSING, ConditionError, Test, parse_test
from jiefen.rules.model.view import RuleView
from jiefen.rules.model.vocabulary import Fact, FactType, Topic, Vocabulary

__all__ = [
    "LABEL_SHAPE",
    "MAX_RULE_BYTES",
    "MISSING",
    "NAME_SHAPE",
    "NATION",
    "PRESSING",
    "RELATIVES",
    "Action",
    "Administers",
    "Aggregate",
    "Assignment",
    "AssignmentKind",
    "Authority",
    "Better",
    "CaseTest",
    "CheckItem",
    "Checklist",
    "Citation",
    "Colour",
    "ConditionError",
    "ConditionTrace",
    "Confidence",
    "DeadlineRule",
    "DeadlineVersion",
    "Decision",
    "Direction",
    "Effect",
    "Ends",
    "Entry",
    "Every",
    "Expiry",
    "Extension",
    "Fact",
    "FactType",
    "FigureRule",
    "FirstDay",
    "GradeRule",
    "Grading",
    "Ground",
    "Guard",
    "Hit",
    "HolidayPolicy",
    "Indicator",
    "Kind",
    "Label",
    "Ladder",
    "ListItem",
    "Message",
    "Milestone",
    "Mode",
    "NoticeForm",
    "Pattern",
    "Per",
    "Place",
    "Relative",
    "Revival",
    "Role",
    "Routine",
    "Row",
    "RowTrace",
    "Rule",
    "RuleView",
    "Rulebook",
    "Rung",
    "Safe",
    "Score",
    "Sender",
    "Side",
    "Starts",
    "Table",
    "Test",
    "TestReport",
    "TestResult",
    "Topic",
    "Trace",
    "Vocabulary",
    "Who",
    "check_against_laws",
    "check_rulebook",
    "cited",
    "holding",
    "layers_of",
    "load_rulebook",
    "parse_test",
    "reasons",
    "run_tests",
    "schema_text",
    "schemas",
]
