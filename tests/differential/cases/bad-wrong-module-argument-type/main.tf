module "m" {
  source = "./m"
  x      = ["a"]
}
