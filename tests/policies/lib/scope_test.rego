package karlint.lib.scope_test

import data.karlint.lib.scope

test_same_scope if {
	every pair in [["", ""], ["a", ""], ["", "a"], ["a", "a"], ["a/b", "a"], ["a", "a/b"]] {
		scope.same_scope(pair[0], pair[1])
	}
	every pair in [["a", "b"], ["a", "ab"], ["ab", "a"], ["a/b", "a/c"]] {
		not scope.same_scope(pair[0], pair[1])
	}
}

inventory := {
	"by_kind": {"g/K": {
		"ml": {"x": [{"index": 3, "namespace": "ml", "directory": "apps/a"}, {"index": 5, "namespace": "ml", "directory": "other"}]},
		"": {"y": [{"index": 4, "namespace": "", "directory": "apps"}]},
	}},
	"by_directory": {"g/K": {
		"apps/a": [{"namespace": "ml", "name": "x"}], "apps": [{"namespace": "", "name": "y"}],
		"other": [{"namespace": "ml", "name": "x"}],
	}},
}

within(directories) := {"resource": {"scope": directories}}

test_near_is_what_stands_in_the_scope if {
	found := scope.near("g/K") with data.inventory as inventory with input as within(["apps", "apps/a"])
	{entry.index | some entry in found} == {3, 4}
	scope.near("g/K") == [] with data.inventory as inventory with input as within(["elsewhere"])
	scope.near("g/Other") == [] with data.inventory as inventory with input as within(["apps"])
}

test_managed if {
	scope.managed("g/K", "ml") with data.inventory as inventory with input as within(["apps", "apps/a"])
	scope.managed("g/K", "") with data.inventory as inventory with input as within(["apps", "apps/b"])
	not scope.managed("g/K", "ml") with data.inventory as inventory with input as within(["apps/b"])
	not scope.managed("g/K", "other") with data.inventory as inventory with input as within(["apps", "apps/a"])
	not scope.managed("g/Other", "ml") with data.inventory as inventory with input as within(["apps", "apps/a"])
}

test_named if {
	scope.named("g/K", "", "x") == [
		{"index": 3, "namespace": "ml", "directory": "apps/a"},
		{"index": 5, "namespace": "ml", "directory": "other"},
	] with data.inventory as inventory
	scope.named("g/K", "ml", "y") == [{"index": 4, "namespace": "", "directory": "apps"}] with data.inventory as inventory
	scope.named("g/K", "other", "x") == [] with data.inventory as inventory
	scope.named("g/Other", "ml", "x") == [] with data.inventory as inventory
}

test_assumed if {
	scope.assumed("g/K", "x") with data.karlint.assume as {"g/K": ["x"]}
	scope.assumed("g/K", "x") with data.karlint.assume as {"g/K": "*"}
	scope.assumed("g/K", "x") with data.karlint.assume as {"g/K": ["*"]}
	not scope.assumed("g/K", "x") with data.karlint.assume as {"g/K": ["y"]}
	not scope.assumed("g/K", "x") with data.karlint.assume as {}
	not scope.assumed("g/K", "x")
}

test_missing if {
	scope.missing("g/K", "ml", "z") with data.inventory as inventory with input as within(["apps", "apps/a"])
	not scope.missing("g/K", "ml", "x") with data.inventory as inventory with input as within(["apps", "apps/a"])
	not scope.missing("g/K", "ml", "y") with data.inventory as inventory with input as within(["apps", "apps/a"])
	not scope.missing("g/K", "ml", "z") with data.inventory as inventory with input as within(["elsewhere"])
	not scope.missing("g/K", "ml", "z") with data.inventory as inventory
		with input as within(["apps", "apps/a"])
		with data.karlint.assume as {"g/K": ["z"]}
}

environments := {
	"clusters/prod/platform": "clusters/prod", "clusters/prod/training/llama": "clusters/prod",
	"clusters/dev/platform": "clusters/dev",
}

test_directories_of_one_environment_are_one_scope if {
	scope.same_scope("clusters/prod/platform", "clusters/prod/training/llama") with data.inventory.environments as environments
}

test_directories_of_two_environments_are_two_scopes if {
	not scope.same_scope("clusters/prod/platform", "clusters/dev/platform") with data.inventory.environments as environments
	not scope.same_scope("examples/a", "examples/b") with data.inventory.environments as environments
}
