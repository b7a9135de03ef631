variable "name" {
  type    = string
  default = "bond-ai-dev"
}
