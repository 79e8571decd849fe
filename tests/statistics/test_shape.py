"""results.json has every promised key, whatever the table, and no status of its own."""

from typing import Any

from hypothesis import given, settings

from tests.statistics.tables import Read, blocks, result_set, rows
from tests.statistics.test_properties import results, tables

STATUSES = {
    *("ok", "no_ratings", "too_few_arms", "no_complete_blocks"),
    *("no_discordant_blocks", "no_discordant_pairs", "one_case", "one_reader"),
    *("not_crossed", "zero_variance", "separation", "constant_outcome"),
    "one_category",
}
TOP = {
    *("schema", "status", "message", "design", "grades", "cochran_q", "clustered_q"),
    *("pairs", "estimand", "agreement", "gee", "by_reader", "by_stratum", "missing"),
    "versions",
}
DESIGN = {
    *("readers", "cases", "arms", "reads", "blocks", "complete_blocks"),
    "fully_crossed",
}
GRADES = {
    *("A", "B", "C", "D", "n", "success", "success_rate", "success_ci95"),
    *("stringent", "stringent_rate", "stringent_ci95"),
}
COCHRAN = {
    *("status", "statistic", "df", "p_value", "blocks", "columns"),
    "informative_blocks",
}
CLUSTERED = {"status", "statistic", "df", "p_value", "cases"}
PAIR = {
    *("first", "second", "status", "n", "cases", "both", "only_first", "only_second"),
    *("neither", "difference", "mcnemar", "newcombe_ci95", "tango_ci95"),
    *("fixed_readers", "random_readers", "headline"),
}
MCNEMAR = {"exact_p", "mid_p", "chi2", "chi2_p", "holm_p"}
T_TEST = {"status", "se", "df", "t", "p_value", "ci95"}
SQUARES = {"msr", "msc", "mse", "var_unbiased"}
HEADLINE = {"status", "p_value", "ci95", "rule"}
ESTIMAND = {
    *("arm", "reference", "difference", "ci95", "p_value", "margin"),
    "non_inferior",
}
AGREEMENT = {
    *("status", "units", "complete_units", "raters", "fleiss_kappa"),
    *("fleiss_kappa_success", "krippendorff_alpha_ordinal", "gwet_ac2_ordinal"),
    *("gwet_ac2_se", "percent_agreement", "weighted_kappa"),
}
TERM = {"arm", "log_odds", "se", "p_value"}


def check(found: dict[str, Any]) -> None:
    assert found.keys() >= TOP
    assert found["schema"] == "readerstudy.results/1"
    assert found["design"].keys() >= DESIGN
    arms = found["design"]["arms"]
    assert list(found["grades"]) == arms
    assert all(each.keys() >= GRADES for each in found["grades"].values())
    assert found["cochran_q"].keys() >= COCHRAN
    assert found["clustered_q"].keys() >= CLUSTERED
    assert len(found["pairs"]) == len(arms) * (len(arms) - 1) // 2
    for pair in found["pairs"]:
        assert pair.keys() >= PAIR
        assert pair["mcnemar"].keys() >= MCNEMAR
        assert T_TEST | {"exact_swap_p"} <= pair["fixed_readers"].keys()
        assert pair["random_readers"].keys() >= T_TEST | SQUARES
        assert pair["headline"].keys() >= HEADLINE
    assert found["estimand"].keys() >= ESTIMAND
    assert list(found["agreement"]) == ["all", *arms]
    assert all(each.keys() >= AGREEMENT for each in found["agreement"].values())
    _check_model(found["gee"], arms)
    for path, block in blocks(found):
        if "status" in block:
            assert block["status"] in STATUSES, path
            said = block["message"]
            assert (said or "").endswith(".") or block["status"] == "ok", path


def _check_model(gee: dict[str, Any], arms: list[str]) -> None:
    assert {"status", "reference", "models"} <= gee.keys()
    if gee["status"] != "ok":
        assert gee["models"] == []
        return
    assert gee["reference"] == arms[0]
    kinds = [(each["working_correlation"], each["se_type"]) for each in gee["models"]]
    assert {("independence", "robust"), ("exchangeable", "robust")} < set(kinds)
    for each in gee["models"]:
        assert all(term.keys() >= TERM for term in each["terms"])
        if each["status"] == "ok":
            assert [term["arm"] for term in each["terms"]] == arms[1:]


@settings(max_examples=100, deadline=None)
@given(tables())
def test_every_key_is_there_for_every_table(reads):
    check(results(reads, reference="model", margin=0.1))


def test_every_key_is_there_for_no_reads_at_all():
    found = result_set([], reference="model").as_json()
    check(found)
    assert (found["status"], found["pairs"]) == ("no_ratings", [])


def test_every_status_is_reached():
    mixed = rows(
        *(f"R{r} C{c} {'AD'[c % 2]}{'DA'[r % 2]}" for r in (1, 2) for c in range(9))
    )
    reached: set[str] = set()
    for reads in (
        [],
        mixed,
        mixed[1:],
        [read for read in mixed if read.reader == "R1"],
        rows("R1 C1 A", "R2 C1 B"),
        rows("R1 C1 AD", "R2 C1 AD"),
        rows("R1 C1 A.", "R1 C2 .A", "R2 C1 D.", "R2 C2 .D"),
        rows("R1 C1 AA", "R1 C2 DD", "R2 C1 AA", "R2 C2 DD"),
        rows("R1 C1 AA", "R1 C2 AA", "R2 C1 AA", "R2 C2 AA"),
        rows("R1 C1 AD", "R1 C2 AD", "R2 C1 AD", "R2 C2 AD"),
        [Read("R1", "C1", "model", None)],
    ):
        found = result_set(reads).as_json()
        reached |= {each["status"] for _, each in blocks(found) if "status" in each}
    assert reached == STATUSES
