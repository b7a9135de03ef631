module "group" {
  source = "./group"

  name   = "bond-app"
  vpc_id = "vpc-1"
}
