# METADATA
# title: The resource under review
# description: Its group and kind in one word, and what messages call it.
package karlint.lib.owner

kind := input.resource.kind if input.resource.group == ""

kind := sprintf("%s/%s", [input.resource.group, input.resource.kind]) if input.resource.group != ""

# What messages call it: a name, or the prefix that the API server completes.
name := input.resource.name if input.resource.name != ""

name := input.object.metadata.generateName if {
	input.resource.name == ""
	is_string(input.object.metadata.generateName)
}
