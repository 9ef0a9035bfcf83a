package karlint.lib.claims_test

import data.karlint.lib.claims

test_home if {
	claims.home("ResourceClaim") == ["spec"]
	claims.home("ResourceClaimTemplate") == ["spec", "spec"]
	not claims.home("DeviceClass")
}

claim := {"devices": {"requests": [
	{"name": "gpu", "exactly": {"deviceClassName": "a"}},
	{"name": "any", "firstAvailable": [{"name": "big", "deviceClassName": "b"}, null]},
	{"name": "flat", "deviceClassName": "c"},
	"no request",
]}}

test_asked_in_every_shape if {
	got := claims.asked(claim, ["spec"])
	[e.name | some e in got] == ["gpu", "any/big", "flat"]
	[e.body.deviceClassName | some e in got] == ["a", "b", "c"]
	[e.choice | some e in got] == [false, true, false]
	[e.at | some e in got] == [
		["spec", "devices", "requests", 0, "exactly"], ["spec", "devices", "requests", 1, "firstAvailable", 0],
		["spec", "devices", "requests", 2],
	]
}

test_asked_of_nothing if {
	claims.asked({}, []) == []
	claims.asked({"devices": {"requests": "x"}}, []) == []
	claims.asked({"devices": {"requests": [{}]}}, []) == [{"name": "?", "at": ["devices", "requests", 0], "body": {}, "choice": false}]
}

test_selectors if {
	body := {"selectors": [{"cel": {"expression": "true"}}, {"cel": {"expression": "${X}"}}, {"cel": 1}, {}]}
	claims.selectors(body, ["spec"]) == [{"at": ["spec", "selectors", 0, "cel", "expression"], "text": "true"}]
	claims.selectors({}, ["spec"]) == []
}
