"""``karlint test``, and rule folders of the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from tests.cli.support import DEPLOYMENT

if TYPE_CHECKING:
    from tests.cli.support import Repository

POLICY = """\
package main

deny[msg] {
	input.kind == "Service"
	msg := "no services"
}

deny[msg] {
	input.kind == "Ingress"
	msg := "no ingresses"
}
"""
TESTS = """\
package main

test_services { deny["no services"] with input as {"kind": "Service"} }

test_pods { count(deny) == 0 with input as {"kind": "Pod"} }

todo_test_ingresses { false }
"""
RULE = """\
# METADATA
# title: A deployment without an owner
# description: When it breaks at night, nobody is called, since nobody is known to care for it.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
#     description: labels
# custom:
#   severity: warning
#   requirements: []
#   relates: []
#   kinds: [apps/Deployment]
#   profile: default
#   message: Deployment {name} has no owner.
#   help: Add the label owner.
#   fix: none
package karlint.rules.house.no_owner

findings contains {"at": ["metadata", "name"], "args": {"name": input.resource.name}} if {
	not input.object.metadata.labels.owner
}
"""


@pytest.fixture
def house(repository: Repository) -> Repository:
    repository.write("rules/house/no-owner/rule.rego", RULE)
    bad = DEPLOYMENT.replace("name: web\n  namespace", "name: web # expect: house/no-owner\n  namespace")
    repository.write("rules/house/no-owner/examples/bad-plain.yaml", bad)
    good = DEPLOYMENT.replace("namespace: web", "namespace: web\n  labels: {owner: a}")
    repository.write("rules/house/no-owner/examples/good-owned.yaml", good)
    repository.write(".karlint.yaml", "exclude: [rules/]\n")
    return repository


def test_test_rules_are_run_and_what_they_run_is_counted(repository: Repository) -> None:
    repository.write("policy/main.rego", POLICY)
    repository.write("policy/main_test.rego", TESTS)
    ran = repository.run("test", "policy")
    assert ran.code == 0, ran.all
    assert "ok   policy/main_test.rego: test_services" in ran.out
    assert "skip policy/main_test.rego: todo_test_ingresses" in ran.out
    assert "3 tests, 0 failed, 1 skipped" in ran.out
    assert "66 %  policy/main.rego, not run: 8, 10" in ran.out


def test_a_test_that_fails_fails(repository: Repository) -> None:
    repository.write("policy/main.rego", POLICY)
    repository.write("policy/main_test.rego", TESTS.replace('"kind": "Pod"', '"kind": "Ingress"'))
    ran = repository.run("test", "policy")
    assert ran.code == 1
    assert "FAIL policy/main_test.rego: test_pods" in ran.out
    ran = repository.run("test", "policy", "--format", "junit")
    root = ElementTree.fromstring(ran.out)
    assert (root.attrib["tests"], root.attrib["failures"]) == ("3", "1")
    assert [case.attrib["name"] for case in root.iter("testcase") if case.find("failure") is not None] == ["test_pods"]


def test_rule_folders_are_run_like_karlints_own(house: Repository) -> None:
    house.write("web.yaml", DEPLOYMENT)
    ran = house.run("check", "--policy", "rules")
    assert (ran.code, ran.found()) == (0, ["house/no-owner"])
    assert "web.yaml:4:9" in ran.out
    assert house.run("check").found() == []
    assert house.run("check", "--policy", "rules", "--select", "house/*").found() == ["house/no-owner"]


def test_rule_folders_prove_themselves_on_their_examples(house: Repository) -> None:
    ran = house.run("test", "rules")
    assert ran.code == 0, ran.all
    assert "2 tests, 0 failed" in ran.out
    house.write("rules/house/no-owner/examples/good-wrong.yaml", DEPLOYMENT)
    ran = house.run("test", "rules")
    assert ran.code == 1
    assert "good-wrong.yaml:4: house/no-owner is found and not announced" in ran.out


def test_a_rule_folder_that_is_wrong_is_told(house: Repository) -> None:
    house.write("rules/house/no-owner/rule.rego", RULE.replace("# title: A deployment without an owner\n", ""))
    house.write("web.yaml", DEPLOYMENT)
    ran = house.run("check", "--policy", "rules")
    assert ran.code == 2
    assert "no-owner/rule.rego" in ran.err


def test_no_tests_are_wrong_usage(repository: Repository) -> None:
    repository.write("policy/main.rego", POLICY)
    assert repository.run("test", "policy").code == 2
    assert repository.run("test", "nowhere").code == 2
    assert repository.run("test", "policy", "--format", "xml").code == 2
