resource "nonexistent_thing" "a" {
}
