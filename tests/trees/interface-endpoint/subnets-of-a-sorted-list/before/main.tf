module "platform" {
  source = "./modules/platform"
  name   = "bond"
}
