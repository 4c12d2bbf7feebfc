"""The workflows run make targets and nothing else, and only what publishes may write."""

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ON_MAIN = "github.event_name == 'push' && github.ref == 'refs/heads/main'"
BOOK = ROOT / ".github" / "workflows" / "book.yml"
LINKS = ROOT / ".github" / "workflows" / "links.yml"
JOBS = [
    pytest.param(job, id=f"{path.stem}-{name}")
    for path in WORKFLOWS
    for name, job in yaml.safe_load(path.read_text())["jobs"].items()
]


def steps(job, key):
    return [step[key] for step in job["steps"] if key in step]


@pytest.mark.parametrize("job", JOBS)
def test_each_command_is_a_make_target(job):
    makefile = (ROOT / "Makefile").read_text()
    for command in steps(job, "run"):
        program, target = command.split()
        assert program == "make"
        assert f"\n{target}:" in makefile, f"the Makefile has no target {target}"


@pytest.mark.parametrize("job", JOBS)
def test_what_may_write_runs_on_main_only_after_the_tests(job):
    writes = [name for name, access in job.get("permissions", {}).items() if access == "write"]
    if writes == ["issues"]:  # what tells of dead links, and can change no file
        assert steps(job, "run") == ["make report-links"]
        assert job["if"] == "github.ref == 'refs/heads/main'"
    elif writes:
        assert job["if"] == ON_MAIN
        assert job["needs"] == "build"


@pytest.mark.parametrize("job", JOBS)
def test_what_may_push_installs_nothing(job):
    if job.get("permissions", {}).get("contents") == "write":
        assert steps(job, "run") == ["make publish-notebooks"]
        actions = {step.partition("@")[0] for step in steps(job, "uses")}
        assert actions == {"actions/checkout", "actions/download-artifact"}


def test_the_build_publishes_what_it_tested():
    build = yaml.safe_load(BOOK.read_text())["jobs"]["build"]
    assert steps(build, "run") == ["make test", "make notebooks-branch"]


def test_nothing_is_granted_that_a_job_does_not_ask_for():
    for path in WORKFLOWS:
        assert yaml.safe_load(path.read_text())["permissions"] == {"contents": "read"}


def test_links_are_checked_each_week_by_a_job_that_may_write_nothing():
    workflow = yaml.safe_load(LINKS.read_text())
    (time,) = workflow[True]["schedule"]  # YAML takes "on" for a truth value
    assert time["cron"].split()[2:4] == ["*", "*"]
    assert time["cron"].split()[4].isdigit()
    check = workflow["jobs"]["check"]
    assert "permissions" not in check
    assert steps(check, "run") == ["make check-links"]
    assert workflow["jobs"]["report"]["needs"] == "check"
