variable "name" {
  type = string
}

variable "config" {
  type = object({
    cidr    = string
    nat     = bool
    private = bool
  })
}

module "network" {
  source = "../network"

  name = var.name
  cidr = var.config.cidr
  nat  = var.config.nat
}

module "app" {
  source = "../app"

  name       = "${var.name}-ai-dev"
  vpc_id     = module.network.vpc_id
  subnet_ids = module.network.private_subnet_ids
  private    = var.config.private
}
