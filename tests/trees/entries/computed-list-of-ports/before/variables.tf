variable "project" {
  type    = string
  default = "bond-ai"
}

variable "env" {
  type    = string
  default = "dev"
}

variable "ports" {
  type    = list(number)
  default = [5432]
}
