terraform {
  required_version = "about one"
}
