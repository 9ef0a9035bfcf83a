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

inventory := {"by_kind": {"g/K": {"ml": {"x": [{"index": 3, "directory": "apps/a"}]}, "": {"y": [{"index": 4, "directory": "apps"}]}}}}

test_managed if {
	scope.managed("g/K", "ml", "apps") with data.inventory as inventory
	scope.managed("g/K", "", "apps/b") with data.inventory as inventory
	not scope.managed("g/K", "ml", "apps/b") with data.inventory as inventory
	not scope.managed("g/K", "other", "apps") with data.inventory as inventory
	not scope.managed("g/Other", "ml", "apps") with data.inventory as inventory
}

test_named if {
	scope.named("g/K", "", "x") == [{"index": 3, "directory": "apps/a"}] with data.inventory as inventory
	scope.named("g/K", "ml", "y") == [{"index": 4, "directory": "apps"}] with data.inventory as inventory
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
	scope.missing("g/K", "ml", "apps/a", "z") with data.inventory as inventory
	not scope.missing("g/K", "ml", "apps/a", "x") with data.inventory as inventory
	not scope.missing("g/K", "ml", "apps/a", "y") with data.inventory as inventory
	not scope.missing("g/K", "ml", "elsewhere", "z") with data.inventory as inventory
	not scope.missing("g/K", "ml", "apps/a", "z") with data.inventory as inventory with data.karlint.assume as {"g/K": ["z"]}
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
