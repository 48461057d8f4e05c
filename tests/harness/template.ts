export const TEMPLATE = "ecs_template";
