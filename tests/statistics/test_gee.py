"""The marginal model: our solution on totals is that of statsmodels, case by case."""

from pathlib import Path

import numpy as np
import pytest
from statsmodels.genmod.cov_struct import Exchangeable, Independence
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_estimating_equations import GEE

from readerstudy.analysis.statistics.gee import STRUCTURES, gee
from readerstudy.analysis.statistics.reads_csv import read_csv
from tests.statistics.tables import rows, table_of

VECTORS = Path(__file__).parent / "vectors"
THEIRS = {"independence": Independence, "exchangeable": Exchangeable}


@pytest.mark.parametrize("name", ["v01", "v03", "v06", "v08", "v09", "d05_ties_b_eq_c"])
@pytest.mark.parametrize("structure", STRUCTURES)
def test_the_solution_is_that_of_statsmodels_case_by_case(name, structure):
    reads = read_csv((VECTORS / f"{name}.csv").read_bytes())
    arms = list(reads.arm.names)
    table = table_of(reads, arms)
    robust, corrected = [
        model["terms"]
        for model in gee(table)["models"]
        if model["working_correlation"] == structure
    ]
    case, _, arm = np.nonzero(table.given)
    design = (arm[:, np.newaxis] == np.arange(len(arms))).astype(float)
    design[:, 0] = 1
    model = GEE(
        table.success[table.given].astype(float),
        design,
        groups=case,
        family=Binomial(),
        cov_struct=THEIRS[structure](),
    )
    theirs = model.fit(cov_type="bias_reduced", ctol=1e-12, maxiter=200)
    estimates = [term["log_odds"] for term in robust]
    assert estimates == pytest.approx(theirs.params[1:], abs=1e-9)
    for ours, covariance in (
        (robust, theirs.cov_robust),
        (corrected, theirs.cov_robust_bc),
    ):
        errors = [term["se"] for term in ours]
        assert errors == pytest.approx(np.sqrt(np.diag(covariance))[1:], abs=1e-9)


def test_an_arm_rated_in_one_case_has_no_bias_reduced_error():
    reads = rows("R1 C1 AD", "R2 C1 BA", "R1 C2 D.", "R2 C2 A.", "R1 C3 A.", "R2 C3 C.")
    models = gee(table_of(reads, ["model", "reference"]))["models"]
    corrected = [model for model in models if model["se_type"] == "bias_reduced"]
    assert {model["status"] for model in corrected} == {"zero_variance"}
    assert "single case" in corrected[0]["message"]


def test_an_arm_that_differs_alike_in_every_case_has_no_error_and_spares_the_others():
    lines = [
        f"R{reader} C{case} {letters}"
        for case in range(6)
        # In every case one reader prefers each of the first two arms.
        for reader, letters in enumerate(("ADA", "DAD" if case % 3 else "DAA"))
    ]
    found = gee(table_of(rows(*lines), ["model", "reference", "third"]))
    assert found["status"] == "ok"
    for model in found["models"]:
        alike, other = model["terms"]
        assert alike["log_odds"] == pytest.approx(0, abs=1e-12)
        assert (alike["status"], alike["se"]) == ("zero_variance", None)
        assert "the same in every case" in alike["message"]
        assert (other["status"], other["message"]) == ("ok", None)
        assert other["se"] > 0.1


def test_a_fit_that_runs_away_says_so_and_spares_the_other_correlation():
    lines = (
        *("R0 C0 D.", "R0 C1 DD", "R1 C0 DD", "R1 C1 A.", "R1 C3 D.", "R2 C0 .D"),
        *("R2 C1 D.", "R2 C2 .D", "R2 C3 DA", "R3 C0 DA", "R3 C1 AD", "R3 C2 DA"),
        "R3 C3 DD",
    )
    models = gee(table_of(rows(*lines), ["model", "reference"]))["models"]
    found = {
        (model["working_correlation"], model["se_type"]): model["status"]
        for model in models
    }
    assert found == {
        ("independence", "robust"): "ok",
        ("independence", "bias_reduced"): "ok",
        ("exchangeable", "robust"): "zero_variance",
        ("exchangeable", "bias_reduced"): "zero_variance",
    }
    assert models[-1]["terms"] == []
    assert "for this working correlation" in models[-1]["message"]
