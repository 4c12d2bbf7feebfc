"""The workflows run make targets and nothing else, and only what publishes may write."""

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ON_MAIN = "github.event_name == 'push' && github.ref == 'refs/heads/main'"
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
    if writes:
        assert job["if"] == ON_MAIN
        assert job["needs"] == "build"


@pytest.mark.parametrize("job", JOBS)
def test_what_may_push_installs_nothing(job):
    if job.get("permissions", {}).get("contents") == "write":
        assert steps(job, "run") == ["make publish-notebooks"]
        actions = {step.partition("@")[0] for step in steps(job, "uses")}
        assert actions == {"actions/checkout", "actions/download-artifact"}


def test_the_build_publishes_what_it_tested():
    (path,) = WORKFLOWS
    build = yaml.safe_load(path.read_text())["jobs"]["build"]
    assert steps(build, "run") == ["make test", "make notebooks-branch"]


def test_nothing_is_granted_that_a_job_does_not_ask_for():
    for path in WORKFLOWS:
        assert yaml.safe_load(path.read_text())["permissions"] == {"contents": "read"}
