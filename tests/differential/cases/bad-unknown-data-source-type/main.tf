data "terraform_nothing" "a" {
}
