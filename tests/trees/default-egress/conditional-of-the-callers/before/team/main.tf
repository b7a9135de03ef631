variable "env" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "subnets" {
  type = list(string)
}

variable "force_public" {
  type    = bool
  default = false
}

module "runner" {
  source  = "./runner"
  vpc_id  = var.vpc_id
  subnets = var.subnets
  private = var.env == "prod" && !var.force_public
}
